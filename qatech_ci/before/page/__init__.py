"""What people see on the pull request and in the job summary.

The verdict comes first, with what it means for the merge and what to do next; then what failed,
where and on which commit, the reply, and small at the foot what the verdict rests on.

    whole ─► lead ─► words
     ├─────► findings
     ├─────► facts
     └─────► reply          all of them ─► inline
"""

from qatech_ci.before.page.whole import LARGEST_COMMENT, LARGEST_SUMMARY, comment, not_run, summary

__all__ = ["LARGEST_COMMENT", "LARGEST_SUMMARY", "comment", "not_run", "summary"]
