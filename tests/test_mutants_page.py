"""The list of mutants that may survive, and what reads it."""

from pathlib import Path

from tools.mutants import PAGE, ROOT, TESTS, changed_lines, documented, settings

DIFF = """@@ -1,3 +1,3 @@
 def f(a):
-    return a + 1
+    return a - 1
"""
PAGE_OF_TWO = """# Title

## `a`

Why.

```diff
-1
+2

-1
+3
```

## `b`

```diff
-4
+5
```
"""


def test_a_change_is_known_by_its_lines() -> None:
    """Where they stand in the file does not matter, so that other edits leave the list alone."""
    assert changed_lines(DIFF.splitlines()) == "-return a + 1\n+return a - 1"


def test_the_list_is_read_by_headings_and_blank_lines() -> None:
    """Several changes may share one reason."""
    assert documented(PAGE_OF_TWO) == {("a", "-1\n+2"), ("a", "-1\n+3"), ("b", "-4\n+5")}


def test_the_list_names_modules_that_are_tried() -> None:
    """A typo in a heading would let a survivor pass unexplained, or leave a reason behind."""
    assert {module for module, _ in documented(PAGE.read_text(encoding="utf-8"))} <= set(TESTS)


def test_every_module_and_test_file_in_the_table_exists() -> None:
    """A module that has been renamed would silently be left out."""
    paths = [line.strip() for line in settings(TESTS).splitlines() if line.endswith(".py")]
    assert [path for path in paths if not Path(ROOT, path).is_file()] == []
    assert len([path for path in paths if path.startswith("qatech_ci/")]) == len(TESTS)
