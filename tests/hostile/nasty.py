"""Values that files have and should not."""

from hypothesis import strategies as st

NUMBERS = (
    0, -1, 1, 2, 255, 256, 65536, -(2**31), 2**31, 2**32, 2**53 + 1, 2**63, -(2**63), 2**64, 10**9, 10**18, 10**400,
    0.0, -0.0, 0.5, 1e-300, 1e9, 1e30, 1e308, -1e308, float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
NAMES = (
    "", " ", ".", "..", "/", "../../../etc/passwd", "/etc/passwd", "a/../../b.jpg", "C:\\secret.jpg", "..\\..\\b.jpg",
    "file:///etc/passwd", "http://example.org/a.jpg", "~/a.jpg", "a b.jpg", " a.jpg", "a.jpg ", "it's \"a\".jpg",
    "ünï.jpg", "u\u0308.jpg", "a\nb.jpg", "a\r\nb", "a\0b.jpg", "\x1b[2J", "\u2028", "\ufeffa.jpg", "\ud800.jpg",
    "a\u202egpj.exe", "A.JPG", "CON", "a:b", "a,b;c\td", "%s%n{0}", "<script>alert(1)</script>", "&lt;", "$(touch x)",
    "x" * 300, "x/" * 3000, "é" * 5000, "nan", "1e999", "9" * 5000, "-1", "true", "null", "Background", "CAT", "cat ",
)  # fmt: skip
WORDS = (None, True, False, [], {}, [[]], [None], {"": None}, [[[[]]]], [1, 2, 3, 4], [0] * 1000)

numbers = st.one_of(st.sampled_from(NUMBERS), st.integers(), st.floats())
names = st.one_of(st.sampled_from(NAMES), st.text(st.characters(), max_size=12))
values = st.one_of(numbers, names, st.sampled_from(WORDS))
texts = st.one_of(numbers.map(str), names)
