"""Writes beta-binomial.json: P(R >= r) by mpmath, with 40 digits. Run it here: python3 beta-binomial.py"""
import json
import mpmath
from mpmath import mpf

mpmath.mp.dps = 40


def tail(r, m, k, n):
    """Each term by the gamma function where the sum begins, the others by their ratio."""
    a, b = k, n + 1 - k
    log = mpmath.loggamma
    first = (log(a + r) - log(a) - log(r + 1) + log(b + m - r) - log(b) - log(m - r + 1)
             - log(a + b + m) + log(a + b) + log(m + 1))
    term = mpmath.exp(first)
    total = mpf(0)
    for j in range(r, m + 1):
        total += term
        if j == m or (term < total * mpf(10) ** -25 and j > m * a / (a + b)):
            break
        term = term * ((m - j) * (a + j)) / ((j + 1) * (b + m - j - 1))
    return total


CASES = [
    (1, 1, 1, 19), (3, 10, 1, 19), (10, 10, 1, 19), (1, 50, 1, 99), (7, 50, 2, 45), (20, 200, 10, 200), (31, 200, 10, 200),
    (200, 200, 10, 200), (660, 10_000, 10, 200), (420, 10_000, 10, 200), (1_500, 10_000, 10, 200), (600, 10_000, 32, 650),
    (600, 10_000, 100, 2_000), (3_000, 10_000, 100, 2_000), (1, 100, 19, 19), (95, 100, 19, 19), (100, 100, 7, 19),
    (70_000, 1_000_000, 10, 200), (45_000, 1_000_000, 10, 200), (60_000, 1_000_000, 100, 2_000), (200_000, 1_000_000, 10, 200),
    (51_000, 1_000_000, 50_000, 999_999), (6_000, 1_000_000, 1, 200), (30_000, 1_000_000, 1, 200),
    (400_000, 5_000_000, 100, 2_000),
]
rows = [[r, m, k, n, mpmath.nstr(tail(r, m, k, n), 20, min_fixed=0, max_fixed=0)] for r, m, k, n in CASES]
with open('beta-binomial.json', 'w') as file:
    made = f'mpmath {mpmath.__version__}; [r, m, k, n, P(R >= r)]'
    body = ',\n    '.join(f'[{r}, {m}, {k}, {n}, {p}]' for r, m, k, n, p in rows)
    file.write(f'{{\n  "madeBy": "{made}",\n  "upperTail": [\n    {body}\n  ]\n}}\n')
json.load(open('beta-binomial.json'))
