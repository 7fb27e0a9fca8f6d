"""The one place that makes a stranger's text harmless before it reaches a comment or a summary.

Text is parsed, its tree is edited and written back, so that the forge sees the tree that was built
here. What could act there ends up in code spans, where neither GitHub nor GitLab looks for mentions
and references (https://docs.github.com/en/get-started/writing-on-github,
https://docs.gitlab.com/user/markdown/). A flavour says what acts on which forge.

    api ─► tree ─► words ─► urls ─► github, gitlab ─► flavour
     └──► writer ─► escaping ─► characters
"""
