using Repro.Torch.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => AreComplexVectors(this, target) ? Ops.inner.Call(this, target) : FusedOps.matmul.Call(this, target);
        public Tensor mm(Tensor target) => Ops.mm.Call(this, target);
        public Tensor bmm(Tensor batch2) => FusedOps.bmm.Call(this, batch2);
        public Tensor mv(Tensor target) => Ops.mv.Call(this, target);
        public Tensor dot(Tensor target) => AreComplexVectors(this, target) ? Ops.inner.Call(this, target) : Ops.dot.Call(this, target);
        public Tensor outer(Tensor vec2) => Ops.outer.Call(this, vec2);
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Ops.addmm.Call(this, mat1, mat2, beta, alpha);
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Ops.addmm_.CallInPlace(this, mat1, mat2, beta, alpha);
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1.0f, float alpha = 1.0f) => Ops.addmv.Call(this, mat, vec, beta, alpha);
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => FusedOps.baddbmm.Call(this, batch1, batch2, beta, alpha);
        public Tensor trace() => Ops.trace.Call(this);
        public Tensor det() => Ops.det.Call(this);
        public Tensor inverse() => Ops.inverse.Call(this);
        public Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null) => Ops.cov.Call(this, correction, fweights, aweights);

        /// <param name="dims">How many of the last dimensions of this and the first of <paramref name="b"/> are summed over.</param>
        public Tensor tensordot(Tensor b, long dims = 2)
        {
            var n = dim();
            return tensordot(b, [.. Enumerable.Range(0, (int)dims).Select(i => n - dims + i)], [.. Enumerable.Range(0, (int)dims).Select(i => (long)i)]);
        }

        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => Ops.tensordot.Call(this, b, dims1, dims2);
        public Tensor tensordot(Tensor b, (long, long)[] dims) => tensordot(b, Array.ConvertAll(dims, pair => pair.Item1), Array.ConvertAll(dims, pair => pair.Item2));
        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1.0f, float alpha = 1.0f) => Ops.addmv_.CallInPlace(this, mat, vec, beta, alpha);
        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Ops.addbmm.Call(this, batch1, batch2, beta, alpha);
        public Tensor addbmm_(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Ops.addbmm_.CallInPlace(this, batch1, batch2, beta, alpha);
        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1.0f, float alpha = 1.0f) => Ops.addr.Call(this, vec1, vec2, beta, alpha);
        public Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1.0f, float alpha = 1.0f) => Ops.addr_.CallInPlace(this, vec1, vec2, beta, alpha);

        /// <summary>The scalar product, with the conjugate of this tensor.</summary>
        public Tensor vdot(Tensor target)
        {
            if (!AreComplexVectors(this, target))
                return Ops.vdot.Call(this, target);
            using var conjugate = conj();
            return Ops.inner.Call(conjugate, target);
        }

        // Debian's libtorch 1.13 gives 0 for every complex scalar product: its BLAS returns complex numbers in another way than it expects. inner is a
        // product of matrices there, which is right, and refuses vectors of different lengths or types as dot does.
        internal static bool AreComplexVectors(Tensor left, Tensor right) => left.is_complex() && left.dim() == 1 && right.dim() == 1;

        public Tensor inner(Tensor vec2) => Ops.inner.Call(this, vec2);
        public Tensor ger(Tensor vec2) => outer(vec2);
        public Tensor kron(Tensor other) => Ops.kron.Call(this, other);
        public Tensor logdet() => Ops.logdet.Call(this);
        public Tensor cholesky(bool upper = false) => Ops.linalg_cholesky.Call(this, upper);

        /// <summary>The inverse of the matrix whose Cholesky factor this is.</summary>
        public Tensor cholesky_inverse(bool upper = false) => Ops.cholesky_inverse.Call(this, upper);

        /// <summary>X of A X = B, where this is B and the argument the Cholesky factor of A.</summary>
        public Tensor cholesky_solve(Tensor input2, bool upper = false) => Ops.cholesky_solve.Call(this, input2, upper);

        /// <summary>The QR decomposition as LAPACK leaves it: R above the diagonal, reflectors below it and in tau.</summary>
        public (Tensor a, Tensor tau) geqrf() => Ops.geqrf.CallTwo(this);

        /// <summary>The product of the Q that these reflectors stand for with another matrix.</summary>
        public Tensor ormqr(Tensor tau, Tensor other, bool left = true, bool transpose = false) => Ops.ormqr.Call(this, tau, other, left, transpose);
        public Tensor matrix_exp() => Ops.matrix_exp.Call(this);
        public Tensor matrix_power(int n) => Ops.linalg_matrix_power.Call(this, n);

        /// <param name="rcond">Singular values below this times the largest count as 0.</param>
        public Tensor pinverse(double rcond = 1e-15, bool hermitian = false) => Ops.linalg_pinv.Call(this, rcond, hermitian);
    }
}
