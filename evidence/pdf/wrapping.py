"""Words into lines."""

from evidence.pdf import fonts


def wrap(text: str, font: str, size: float, wide: float) -> list[str]:
    """Return the text in lines no wider than `wide` points; a word that is wider by itself is cut. Never empty."""
    lines: list[str] = []
    line, used = "", 0.0
    space = fonts.width(" ", font, size)
    for word in text.split():
        needed = fonts.width(word, font, size)
        if line and used + space + needed <= wide:
            line, used = f"{line} {word}", used + space + needed
            continue
        if line:
            lines.append(line)
        while needed > wide:
            head = _fitting(word, font, size, wide)
            lines.append(word[:head])
            word = word[head:]
            needed = fonts.width(word, font, size)
        line, used = word, needed
    return [*lines, line] if line or not lines else lines


def _fitting(word: str, font: str, size: float, wide: float) -> int:
    """How many of the word's letters fit, one at least."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        if fonts.width(word[:middle], font, size) <= wide:
            low = middle
        else:
            high = middle - 1
    return low
