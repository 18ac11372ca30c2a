"""Pages beside the conversation, and the files they are drawn with."""
