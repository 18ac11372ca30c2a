"""The ways out for notices, one small file each: `send(letter) -> Delivery`, in the words of `bot.post.outcomes`."""
