"""IEEE 754 double precision as IBM System/360 double precision, and back, for whole arrays.

An IBM number is sign (1 bit), exponent of 16 with an excess of 64 (7 bits) and a fraction below 1 (56 bits). The 53 significant
bits of a double always fit, so every double between 16**-65 and 16**63 in size comes back as it was.
Source: SAS TS-140, "Numeric data fields"; IBM System/360 Principles of Operation, A22-6821.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LARGEST = float(np.ldexp(1 - 2.0**-53, 252))
"""The largest double that IBM floating point holds, about 7.2e75."""
SMALLEST = float(np.ldexp(1.0, -260))
"""The smallest size above zero, about 5.4e-79."""
MISSING = 0x2E << 56
"""SAS's missing value "." : the character, then seven bytes of zero."""
_FRACTION = np.uint64((1 << 56) - 1)


def to_ibm(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    """The numbers as IBM words (native byte order); NaN is SAS's missing value. Sizes outside the range are the caller's
    to refuse (``LARGEST``, ``SMALLEST``)."""
    missing = np.isnan(values)
    mantissa, exponent = np.frexp(np.where(missing, 0.0, np.abs(values)))  # 0.5 <= mantissa < 1, times 2**exponent
    power = -(-exponent // 4)  # of 16, rounded up: what is left over shifts the fraction right by 0 to 3 bits
    shift = (4 * power - exponent).astype(np.int32)
    fraction = np.ldexp(mantissa, 56 - shift).astype(np.uint64)
    words = ((power + 64).astype(np.uint64) << np.uint64(56)) | fraction
    words |= np.signbit(values).astype(np.uint64) << np.uint64(63)
    words[mantissa == 0] = 0
    words[missing] = MISSING
    return words


def from_ibm(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    """IBM words as doubles; SAS's missing values (``.``, ``._``, ``.A`` to ``.Z``) are NaN."""
    fraction = words & _FRACTION
    first = (words >> np.uint64(56)).astype(np.int64)
    exponent = ((first & 0x7F) - 64) * 4 - 56
    values = np.ldexp(fraction.astype(np.float64), exponent.astype(np.int32))
    values[first >= 0x80] *= -1
    values[(fraction == 0) & _missing_mark(first)] = np.nan
    return values


def _missing_mark(first: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.isin(first, [ord(mark) for mark in "._ABCDEFGHIJKLMNOPQRSTUVWXYZ"])
