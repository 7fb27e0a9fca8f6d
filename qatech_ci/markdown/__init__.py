"""The one place that makes a stranger's text harmless before it reaches a comment or a summary.

Text is parsed, its tree is edited and written back, so that GitHub sees the tree that was built
here. What could act on GitHub ends up in code spans, where GitHub looks for no mentions and
references (https://docs.github.com/en/get-started/writing-on-github).

    api ─► tree ─► words ─► urls
     └──► writer ─► escaping ─► characters
"""
