"""What of scipy.special is not covered, and why: not yet, or not at all."""

from __future__ import annotations

from catenary.tracing.table import not_applicable, not_yet

SPECIAL = "scipy.special"

# ---- not yet: each family waits for an operation of its own --------------------------------------

not_yet(
    SPECIAL,
    "Bessel functions and their kin are no operation yet",
    "airy airye bei beip ber berp besselpoly i0 i0e i1 i1e it2i0k0 it2j0y0 it2struve0 itairy "
    "iti0k0 itj0y0 itmodstruve0 itstruve0 iv ive ivp j0 j1 jn jv jve jvp k0 k0e k1 k1e kei keip "
    "kelvin ker kerp kn kv kve kvp lmbda modstruve riccati_jn riccati_yn spherical_in "
    "spherical_jn spherical_kn spherical_yn struve wright_bessel log_wright_bessel y0 y1 yn yv "
    "yve yvp",
)
not_yet(
    SPECIAL,
    "incomplete gamma and beta functions are no operation yet",
    "bdtr bdtrc betainc betaincc chdtr chdtrc chndtr fdtr fdtrc gammainc gammaincc gdtr gdtrc "
    "nbdtr nbdtrc ncfdtr nctdtr pdtr pdtrc stdtr",
)
not_yet(
    SPECIAL,
    "an inverse needs an equation solved, which no operation does yet",
    "bdtri bdtrik bdtrin betainccinv betaincinv btdtria btdtrib chdtri chdtriv chndtridf "
    "chndtrinc chndtrix erfcinv erfinv fdtri fdtridfd gammainccinv gammaincinv gdtria gdtrib "
    "gdtrix kolmogi nbdtri nbdtrik nbdtrin ncfdtri ncfdtridfd ncfdtridfn ncfdtrinc nctdtridf "
    "nctdtrinc nctdtrit ndtri ndtri_exp nrdtrimn nrdtrisd pdtri pdtrik smirnovi stdtridf stdtrit "
    "wrightomega",
)
not_yet(
    SPECIAL,
    "the scaled error function and Fresnel's and Dawson's integrals are no operation yet",
    "dawsn erfcx erfi fresnel owens_t voigt_profile",
)
not_yet(
    SPECIAL,
    "exponential, sine and Spence's integrals are no operation yet",
    "exp1 expi expn shichi sici spence",
)
not_yet(
    SPECIAL,
    "elliptic integrals and functions are no operation yet",
    "agm ellip_harm ellip_harm_2 ellip_normal ellipe ellipeinc ellipj ellipk ellipkinc ellipkm1 "
    "elliprc elliprd elliprf elliprg elliprj",
)
not_yet(
    SPECIAL,
    "hypergeometric and associated Legendre functions are no operation yet",
    "assoc_legendre_p assoc_legendre_p_all hyp0f1 hyp1f1 hyp2f1 hyperu legendre_p legendre_p_all "
    "lpmv lqmn lqn sph_legendre_p sph_legendre_p_all",
)
not_yet(
    SPECIAL,
    "Mathieu, spheroidal and parabolic cylinder functions are no operation yet",
    "mathieu_a mathieu_b mathieu_cem mathieu_modcem1 mathieu_modcem2 mathieu_modsem1 "
    "mathieu_modsem2 mathieu_sem obl_ang1 obl_ang1_cv obl_cv obl_rad1 obl_rad1_cv obl_rad2 "
    "obl_rad2_cv pbdn_seq pbdv pbdv_seq pbvv pbvv_seq pbwa pro_ang1 pro_ang1_cv pro_cv pro_rad1 "
    "pro_rad1_cv pro_rad2 pro_rad2_cv",
)
not_yet(
    SPECIAL,
    "distributions summed as series are no operation yet",
    "kolmogorov smirnov tklmbda",
)
not_yet(SPECIAL, "the zeta function is no operation yet", "zeta zetac")
not_yet(
    SPECIAL,
    "complex numbers are not supported",
    "h1vp h2vp hankel1 hankel1e hankel2 hankel2e lambertw modfresnelm modfresnelp sph_harm_y "
    "sph_harm_y_all wofz",
)
not_yet(
    SPECIAL,
    "SciPy makes a real array of its argument first, which would drop the derivative",
    "comb diric factorial factorial2 factorialk perm",
)

# ---- not at all ----------------------------------------------------------------------------------

not_applicable(
    SPECIAL,
    "makes numbers from whole numbers: nothing in it can be traced",
    "ai_zeros bei_zeros beip_zeros ber_zeros bernoulli berp_zeros bi_zeros c_roots cg_roots "
    "erf_zeros euler fresnel_zeros fresnelc_zeros fresnels_zeros h_roots he_roots j_roots "
    "jn_zeros jnjnp_zeros jnp_zeros jnyn_zeros js_roots kei_zeros keip_zeros kelvin_zeros "
    "ker_zeros kerp_zeros l_roots la_roots mathieu_even_coef mathieu_odd_coef obl_cv_seq p_roots "
    "pro_cv_seq ps_roots roots_chebyc roots_chebys roots_chebyt roots_chebyu roots_gegenbauer "
    "roots_genlaguerre roots_hermite roots_hermitenorm roots_jacobi roots_laguerre "
    "roots_legendre roots_sh_chebyt roots_sh_chebyu roots_sh_jacobi roots_sh_legendre s_roots "
    "stirling2 t_roots ts_roots u_roots us_roots y0_zeros y1_zeros y1p_zeros yn_zeros ynp_zeros",
)
not_applicable(
    SPECIAL,
    "gives a polynomial as an object; np.polyval evaluates its coefficients",
    "assoc_laguerre chebyc chebys chebyt chebyu gegenbauer genlaguerre hermite hermitenorm "
    "jacobi laguerre legendre sh_chebyt sh_chebyu sh_jacobi sh_legendre",
)
not_applicable(SPECIAL, "settings and tests of SciPy itself", "geterr seterr test")
