"""For whoever writes and keeps notices: what there is, whether it holds, a draft of the next one, and what a change means for whom."""
