"""Draws what the action writes, as GitHub shows it: `make pictures`.

samples ─► pages ─► browser: reports ─► Markdown ─► HTML with GitHub's stylesheet ─► PNG.
"""
