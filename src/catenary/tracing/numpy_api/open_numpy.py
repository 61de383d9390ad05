"""What of NumPy is not covered, and why: not yet, or not at all."""

from __future__ import annotations

from catenary.tracing.table import not_applicable, not_yet

NUMPY, LINALG, FFT = "numpy", "numpy.linalg", "numpy.fft"

# ---- not yet -------------------------------------------------------------------------------------

not_yet(NUMPY, "of whole numbers only, by a loop whose length depends on them", "gcd lcm")
not_yet(NUMPY, "Bessel functions are no operation yet", "i0")
not_yet(
    NUMPY,
    "the neighbouring float is found by its bits, which no operation steps",
    "nextafter spacing",
)
not_yet(NUMPY, "no operation packs bits into bytes", "packbits unpackbits")
not_yet(NUMPY, "the length of the result depends on which leading coefficients vanish", "polydiv")
not_yet(NUMPY, "bins of several axes are not said yet", "histogram2d histogramdd")
not_yet(NUMPY, "roots are eigenvalues, which are complex numbers", "roots")
not_yet(NUMPY, "complex numbers are not supported", "sort_complex")

not_yet(
    LINALG,
    "eigenvalues of matrices that are not symmetric are complex numbers; of symmetric ones there "
    "are eigh and eigvalsh",
    "eig eigvals",
)

not_yet(
    FFT,
    "Fourier transforms need complex numbers",
    "fft fft2 fftn hfft ifft ifft2 ifftn ihfft irfft irfft2 irfftn rfft rfft2 rfftn",
)

# ---- not at all ----------------------------------------------------------------------------------

not_applicable(
    NUMPY,
    "makes a real array of numbers, and NumPy does not hand the call over; from a traced x: "
    "np.zeros_like(x, shape=…), np.full_like, np.linspace",
    "arange bartlett blackman diag_indices empty eye fromfunction full hamming hanning identity "
    "indices kaiser mask_indices ones tri tril_indices triu_indices zeros",
)
not_applicable(
    NUMPY,
    "makes a real ndarray, and NumPy does not hand the call over; a traced array is an array "
    "already, and np.stack joins several",
    "array asanyarray asarray asarray_chkfinite ascontiguousarray asfortranarray asmatrix bmat "
    "from_dlpack fromiter require",
)
not_applicable(NUMPY, "runs Python on single elements", "frompyfunc nested_iters")
not_applicable(
    NUMPY,
    "takes shapes, dtypes or Python numbers, not arrays",
    "base_repr binary_repr broadcast_shapes format_float_positional format_float_scientific info "
    "isdtype isfortran isscalar issubdtype iterable mintypecode promote_types typename",
)
not_applicable(
    NUMPY,
    "reads or writes files and buffers, which hold real arrays",
    "frombuffer fromfile fromregex fromstring genfromtxt load loadtxt save savetxt savez "
    "savez_compressed",
)
not_applicable(
    NUMPY,
    "dates are not numbers",
    "busday_count busday_offset datetime_as_string datetime_data is_busday isnat",
)
not_applicable(
    NUMPY,
    "settings and reports of NumPy itself",
    "get_include get_printoptions getbufsize geterr geterrcall printoptions set_printoptions "
    "setbufsize seterr seterrcall show_config show_runtime test",
)
not_applicable(NUMPY, "the old name of np.vstack, on its way out of NumPy", "row_stack")
not_applicable(LINALG, "runs NumPy's own tests", "test")
not_applicable(FFT, "makes a real array of numbers", "fftfreq rfftfreq")
not_applicable(FFT, "runs NumPy's own tests", "test")
