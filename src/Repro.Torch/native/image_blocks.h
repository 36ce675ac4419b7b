// Images [N, C, ...] a block of channels at a time, in either order of memory.
#pragma once

#include "fused.h"

namespace rt {

constexpr int64_t work_of_a_thread = 16384; // elements

template <class Work>
void in_parallel(int64_t parts, int64_t size, const Work& work) {
    at::parallel_for(0, parts, std::max<int64_t>(1, work_of_a_thread / std::max<int64_t>(size, 1)), [&](int64_t begin, int64_t end) {
        for (int64_t part = begin; part < end; part++) work(part);
    });
}

// A plane is one channel of one image.
struct Planes {
    int64_t images, channels, size;
    explicit Planes(const at::Tensor& x) : images(x.size(0)), channels(x.size(1)), size(x.numel() / std::max<int64_t>(1, x.size(0) * x.size(1))) {}
};

inline bool is_channels_last(const at::Tensor& x) { return x.dim() == 4 && !x.is_contiguous() && x.is_contiguous(at::MemoryFormat::ChannelsLast); }

inline bool is_block_wise(const at::Tensor& x) { return is_ours(x) && (x.is_contiguous() || is_channels_last(x)); }

inline at::Tensor as_laid_out(const at::Tensor& tensor, const at::Tensor& like) {
    return tensor.defined() ? tensor.contiguous(is_channels_last(like) ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous) : tensor;
}

inline bool spans_channels(const at::Tensor& tensor, int64_t channels) { return !tensor.defined() || (tensor.dim() == 1 && tensor.size(0) == channels); }

// Pixels with all their channels side by side (rows), or a plane for each channel. Arrays of one number a channel begin at the block's first. Pointers
// that may be null: residual, dresidual.
struct Block {
    bool rows;
    int64_t pixels, channels;

    // Mean, and sum of squared distances from it, of each channel. A float adds up no more than a stretch of pixels; stretches are put together in double
    // (Chan et al. 1979).
    void moments(const float* x, double* mean, double* squares) const {
        std::vector<float> means(channels), distances(channels);
        for (int64_t begin = 0; begin < pixels; begin += longest) {
            const int64_t length = std::min(longest, pixels - begin);
            if (rows)
                kernels().moments_of_rows(means.data(), distances.data(), x + begin * channels, length, channels);
            else
                each([&](int64_t c, int64_t at) {
                    const auto m = kernels().moments(x + at + begin, length);
                    means[c] = m.mean, distances[c] = m.squares;
                });
            const double share = static_cast<double>(length) / static_cast<double>(begin + length);
            for (int64_t c = 0; c < channels; c++) {
                const double distance = begin == 0 ? 0 : means[c] - mean[c];
                mean[c] = begin == 0 ? means[c] : mean[c] + distance * share;
                squares[c] = (begin == 0 ? 0 : squares[c]) + distances[c] + distance * distance * share * static_cast<double>(begin);
            }
        }
    }

    void normalize(float* y, const float* x, const float* residual, const float* factor, const float* shift, bool relu) const {
        if (rows) return kernels().batch_norm_rows(y, x, residual, pixels, channels, factor, shift, relu);
        each([&](int64_t c, int64_t at) { kernels().batch_norm(y + at, x + at, residual ? residual + at : nullptr, pixels, factor[c], shift[c], relu); });
    }

    void sums(const float* dy, const float* x, Cut cut, const float* mean, double* sum, double* product) const {
        std::vector<float> sums(channels), products(channels);
        std::fill_n(sum, channels, 0), std::fill_n(product, channels, 0);
        for (int64_t begin = 0; begin < pixels; begin += longest) {
            const int64_t length = std::min(longest, pixels - begin), first = begin * channels;
            if (rows)
                kernels().batch_norm_sums_of_rows(sums.data(), products.data(), dy + first, x + first, {cut.y ? cut.y + first : nullptr, cut.factor, cut.shift}, length, channels, mean);
            else
                each([&](int64_t c, int64_t at) { kernels().batch_norm_sums(dy + at + begin, x + at + begin, of(cut, c, at + begin), length, mean[c], &sums[c], &products[c]); });
            for (int64_t c = 0; c < channels; c++) sum[c] += sums[c], product[c] += products[c];
        }
    }

    void differentiate(float* dx, float* dresidual, const float* dy, const float* x, Cut cut, const float* by_dy, const float* by_x, const float* constant) const {
        if (rows) return kernels().batch_norm_backward_rows(dx, dresidual, dy, x, cut, pixels, channels, by_dy, by_x, constant);
        each([&](int64_t c, int64_t at) {
            kernels().batch_norm_backward(dx + at, dresidual ? dresidual + at : nullptr, dy + at, x + at, of(cut, c, at), pixels, by_dy[c], by_x[c], constant[c]);
        });
    }

    void normalize_silu(float* y, const float* x, const float* factor, const float* shift) const {
        if (rows) return kernels().norm_silu_rows(y, x, pixels, channels, factor, shift);
        each([&](int64_t c, int64_t at) { kernels().norm_silu(y + at, x + at, pixels, factor[c], shift[c]); });
    }

    // The gradient of what goes into the SiLU.
    void differentiate_silu(float* g, const float* dy, const float* x, const float* factor, const float* shift) const {
        if (rows) return kernels().norm_silu_backward_rows(g, dy, x, pixels, channels, factor, shift);
        each([&](int64_t c, int64_t at) { kernels().norm_silu_backward(g + at, dy + at, x + at, pixels, factor[c], shift[c]); });
    }

private:
    static constexpr int64_t longest = 2048; // pixels of a stretch

    static Cut of(Cut cut, int64_t c, int64_t at) { return {cut.y ? cut.y + at : nullptr, cut.factor ? cut.factor + c : nullptr, cut.shift ? cut.shift + c : nullptr}; }

    template <class Work>
    void each(const Work& work) const {
        for (int64_t c = 0; c < channels; c++) work(c, c * pixels);
    }
};

} // namespace rt
