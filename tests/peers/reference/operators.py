#!/usr/bin/python3
"""Writes the values and gradients that tests/Repro.Torch.Tests compares the engine with, computed by PyTorch: operators,
a whole small network, and the generator. Optimizers have a script of their own.

    /usr/bin/python3 tests/peers/reference/operators.py tests/Repro.Torch.Tests/Data/operators.safetensors

The same cases stand in OperatorCases.cs in C#; see reference_file.py.
"""
import torch
import torch.nn.functional as F

from reference_file import POSITIVE, ReferenceFile, weights

file = ReferenceFile(seed=20151210)
save = file.save
T = torch.tensor
CASES = {
    # arithmetic
    "add": (lambda a, b: a + b, [(3, 4), (3, 4)]),
    "add_alpha": (lambda a, b: a.add(b, alpha=0.3), [(3, 4), (4,)]),
    "sub_scalar": (lambda a: a - 1.5, [(3, 4)]),
    "scalar_minus": (lambda a: 1.5 - a, [(3, 4)]),
    "mul": (lambda a, b: a * b, [(3, 1), (1, 4)]),
    "div": (lambda a, b: a / b, [(3, 4), POSITIVE]),
    "scalar_over": (lambda a: 2 / a, [POSITIVE]),
    "remainder": (lambda a: a % 0.7, [(3, 4)]),
    "pow": (lambda a: a ** 3, [(3, 4)]),
    "pow_tensor": (lambda a, b: a.pow(b), [POSITIVE, (3, 4)]),
    "addcmul": (lambda a, b, c: a.addcmul(b, c, value=0.7), [(3, 4)] * 3),
    "addcdiv": (lambda a, b, c: a.addcdiv(b, c, value=0.7), [(3, 4), (3, 4), POSITIVE]),
    "lerp": (lambda a, b: a.lerp(b, T(0.3)), [(3, 4), (3, 4)]),
    # elementwise functions
    **{name: (lambda a, name=name: getattr(torch, name)(a), [(3, 4)]) for name in
       "abs exp sin cos tanh sigmoid sign floor ceil round erf neg square expm1 relu".split()},
    **{name: (lambda a, name=name: getattr(torch, name)(a), [POSITIVE]) for name in "log sqrt rsqrt log1p log2 reciprocal".split()},
    "clamp": (lambda a: a.clamp(-0.5, 0.5), [(3, 4)]),
    "clamp_min": (lambda a: a.clamp_min(0.1), [(3, 4)]),
    "gelu": (lambda a: F.gelu(a), [(3, 4)]),
    "gelu_tanh": (lambda a: F.gelu(a, approximate="tanh"), [(3, 4)]),
    "silu": (lambda a: F.silu(a), [(3, 4)]),
    "leaky_relu": (lambda a: F.leaky_relu(a, 0.2), [(3, 4)]),
    "softplus": (lambda a: F.softplus(a), [(3, 4)]),
    "elu": (lambda a: F.elu(a, 0.5), [(3, 4)]),
    "softmax": (lambda a: a.softmax(1), [(3, 4)]),
    "log_softmax": (lambda a: a.log_softmax(0), [(3, 4)]),
    "maximum": (lambda a, b: torch.maximum(a, b), [(3, 4), (3, 4)]),
    "where": (lambda a, b: torch.where(a > b, a, b * 2), [(3, 4), (3, 4)]),
    "masked_fill": (lambda a: a.masked_fill(a > 0, 7), [(3, 4)]),
    # comparisons
    "eq": (lambda a: a == a.round(), [(3, 4)]),
    "ne": (lambda a, b: a != b, [(3, 4), (3, 4)]),
    "lt": (lambda a: a < 0.2, [(3, 4)]),
    "ge": (lambda a, b: a >= b, [(3, 4), (3, 4)]),
    "isfinite": (lambda a: (a / a.relu()).isfinite(), [(3, 4)]),
    "isnan": (lambda a: a.log().isnan(), [(3, 4)]),
    "isinf": (lambda a: (1 / a.relu()).isinf(), [(3, 4)]),
    "any_dim": (lambda a: (a > 1).any(1), [(3, 4)]),
    "all": (lambda a: (a > -9).all(), [(3, 4)]),
    # reductions
    "sum": (lambda a: a.sum(), [(3, 4)]),
    "sum_dim": (lambda a: a.sum([0, 2], keepdim=True), [(2, 3, 4)]),
    "mean": (lambda a: a.mean(), [(3, 4)]),
    "mean_dim": (lambda a: a.mean([2, 3]), [(2, 3, 4, 4)]),
    "var": (lambda a: a.var(), [(3, 4)]),
    "var_dim": (lambda a: a.var(1, unbiased=False, keepdim=True), [(3, 4)]),
    "std": (lambda a: a.std(), [(3, 4)]),
    "std_dim": (lambda a: a.std(0), [(3, 4)]),
    "max": (lambda a: a.max(), [(3, 4)]),
    "max_dim": (lambda a: a.max(1).values, [(3, 4)]),
    "min_dim_indices": (lambda a: a.min(1).indices, [(3, 4)]),
    "amax": (lambda a: a.amax([0, 1]), [(3, 4)]),
    "argmax": (lambda a: a.argmax(1), [(3, 4)]),
    "norm": (lambda a: a.norm(), [(3, 4)]),
    "norm_dim": (lambda a: a.norm(p=2, dim=1), [(3, 4)]),
    "prod": (lambda a: a.prod(), [(3, 4)]),
    "prod_dim": (lambda a: a.prod(1), [(3, 4)]),
    "cumsum": (lambda a: a.cumsum(1), [(3, 4)]),
    "logsumexp": (lambda a: a.logsumexp(1), [(3, 4)]),
    "topk": (lambda a: a.topk(2).values, [(3, 4)]),
    "sort": (lambda a: a.sort(dim=0, descending=True).values, [(3, 4)]),
    "unique": (lambda a: a.detach().round().unique(), [(3, 4)]),
    # shapes
    "reshape": (lambda a: a.reshape(2, 6), [(3, 4)]),
    "flatten": (lambda a: a.flatten(1), [(2, 3, 4)]),
    "permute": (lambda a: a.permute(2, 0, 1), [(2, 3, 4)]),
    "transpose": (lambda a: a.transpose(0, 1), [(3, 4)]),
    "t": (lambda a: a.t(), [(3, 4)]),
    "unsqueeze": (lambda a: a.unsqueeze(1), [(3, 4)]),
    "expand": (lambda a: a.expand(3, 5), [(3, 1)]),
    "repeat": (lambda a: a.repeat(2, 1, 3), [(3, 4)]),
    "flip": (lambda a: a.flip(1), [(3, 4)]),
    "roll": (lambda a: a.roll([1, 2], [0, 1]), [(3, 4)]),
    "cat": (lambda a, b: torch.cat([a, b], 1), [(3, 4), (3, 2)]),
    "stack": (lambda a, b: torch.stack([a, b], 1), [(3, 4), (3, 4)]),
    "split": (lambda a: a.split([1, 3], 1)[1], [(3, 4)]),
    "chunk": (lambda a: a.chunk(2, 1)[0], [(3, 4)]),
    "unbind": (lambda a: a.unbind(1)[2], [(3, 4)]),
    # indexing
    "select": (lambda a: a[1], [(3, 4)]),
    "slice": (lambda a: a[:, 1:3], [(3, 4)]),
    "slice_step": (lambda a: a[..., ::2], [(2, 3, 4)]),
    "slice_last": (lambda a: a[-2:, -1], [(3, 4)]),
    "index_none": (lambda a: a[:, None, 1:], [(3, 4)]),
    "index_mask": (lambda a: a[a > 0], [(3, 4)]),
    "index_tensor": (lambda a: a[:, T([2, 0, 2])], [(3, 4)]),
    "index_pair": (lambda a: a[T([0, 2]), T([1, 3])], [(3, 4)]),
    "index_select": (lambda a: a.index_select(0, T([2, 0])), [(3, 4)]),
    "gather": (lambda a: a.gather(1, T([[0, 1], [3, 3], [2, 0]])), [(3, 4)]),
    "scatter": (lambda a, b: a.scatter(1, T([[0, 1], [3, 2], [2, 0]]), b), [(3, 4), (3, 2)]),
    "scatter_add": (lambda a, b: a.scatter_add(1, T([[0, 0], [3, 2], [2, 0]]), b), [(3, 4), (3, 2)]),
    # matrices
    "matmul": (lambda a, b: a @ b, [(3, 4), (4, 2)]),
    "bmm": (lambda a, b: a.bmm(b), [(2, 3, 4), (2, 4, 2)]),
    "addmm": (lambda a, b, c: a.addmm(b, c, beta=0.5, alpha=2), [(3, 2), (3, 4), (4, 2)]),
    "eigvalsh": (lambda a: torch.linalg.eigh(a @ a.t())[0], [(3, 3)]),
    "linalg_norm": (lambda a: torch.linalg.norm(a, "fro"), [(3, 4)]),
    # networks
    "linear": (lambda a, w, b: F.linear(a, w, b), [(2, 4), (3, 4), (3,)]),
    "conv2d": (lambda a, w, b: F.conv2d(a, w, b, stride=2, padding=1), [(2, 3, 7, 7), (4, 3, 3, 3), (4,)]),
    "conv2d_groups": (lambda a, w: F.conv2d(a, w, padding=1, groups=2, dilation=1), [(2, 4, 5, 5), (4, 2, 3, 3)]),
    "batch_norm": (lambda a, w, b: F.batch_norm(a, None, None, w, b, training=True), [(4, 3, 2, 2), (3,), (3,)]),
    "batch_norm_eval": (lambda a, w, b: F.batch_norm(a, T([0.1, 0.2, 0.3]), T([1.0, 2.0, 3.0]), w, b), [(4, 3, 2, 2), (3,), (3,)]),
    "layer_norm": (lambda a, w, b: F.layer_norm(a, [4], w, b), [(3, 4), (4,), (4,)]),
    "avg_pool2d": (lambda a: F.avg_pool2d(a, 2), [(2, 3, 4, 4)]),
    "max_pool2d": (lambda a: F.max_pool2d(a, 3, stride=2, padding=1), [(2, 3, 5, 5)]),
    "adaptive_avg_pool2d": (lambda a: F.adaptive_avg_pool2d(a, (1, 2)), [(2, 3, 4, 4)]),
    "pad_constant": (lambda a: F.pad(a, (1, 2, 0, 1), value=0.5), [(1, 2, 3, 3)]),
    "pad_reflect": (lambda a: F.pad(a, (2, 1, 1, 2), mode="reflect"), [(1, 2, 3, 3)]),
    "interpolate_nearest": (lambda a: F.interpolate(a, scale_factor=2), [(1, 2, 3, 3)]),
    "interpolate_bilinear": (lambda a: F.interpolate(a, size=(5, 4), mode="bilinear", align_corners=False), [(1, 2, 3, 3)]),
    "unfold": (lambda a: F.unfold(a, 2, stride=1, padding=1), [(1, 2, 3, 3)]),
    "one_hot": (lambda a: F.one_hot(T([0, 3, 1]), 5), [(1,)]),
    # losses
    "cross_entropy": (lambda a: F.cross_entropy(a, T([1, 0, 3])), [(3, 4)]),
    "cross_entropy_smooth": (lambda a: F.cross_entropy(a, T([1, 0, 3]), label_smoothing=0.2, reduction="none"), [(3, 4)]),
    "cross_entropy_soft": (lambda a: F.cross_entropy(a, torch.full((3, 4), 0.25), reduction="sum"), [(3, 4)]),
    "nll_loss": (lambda a: F.nll_loss(a.log_softmax(1), T([1, 0, 3]), reduction="sum"), [(3, 4)]),
    "mse_loss": (lambda a, b: F.mse_loss(a, b), [(3, 4), (3, 4)]),
    "binary_cross_entropy_with_logits": (lambda a, b: F.binary_cross_entropy_with_logits(a, b.sigmoid()), [(3, 4), (3, 4)]),
    # second derivative of a sum of cubes, through create_graph
    "second_derivative": (lambda a: torch.autograd.grad((a ** 3).sum(), a, create_graph=True)[0], [(3, 4)]),
}

file.cases(CASES)


# A whole small residual network, three steps of SGD.
class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(4)
        self.conv2 = torch.nn.Conv2d(4, 8, 3, stride=2, padding=1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(8)
        self.conv3 = torch.nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.bn3 = torch.nn.BatchNorm2d(8)
        self.fc = torch.nn.Linear(8, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(x)))))
        x = F.relu(y + F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2)))
        return self.fc(x.mean([2, 3]))


net = Block()
images, labels = torch.randn(6, 3, 8, 8), torch.tensor([1, 0, 9, 3, 3, 5])
save("resnet.images", images)
for key, value in net.state_dict().items():
    save(f"resnet.before.{key}", value)
optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9, weight_decay=1e-4)
losses = []
for _ in range(3):
    optimizer.zero_grad()
    loss = F.cross_entropy(net(images), labels)
    loss.backward()
    optimizer.step()
    losses.append(loss.detach())
save("resnet.losses", torch.stack(losses))
for key, value in net.state_dict().items():
    save(f"resnet.after.{key}", value)
net.eval()
save("resnet.evaluation", net(images))

# The generator: the first numbers after a seed, of each kind.
torch.manual_seed(42)
save("random.rand", torch.rand(5))
save("random.randn", torch.randn(20))
save("random.randint", torch.randint(0, 100, (5,)))
save("random.randperm", torch.randperm(7))
save("random.kaiming_normal", torch.nn.init.kaiming_normal_(torch.empty(4, 3, 3, 3), nonlinearity="relu"))

file.write()
