"""Between a platform and the conversation: updates are kept before they are confirmed, replies until they have arrived.

    post = Postbox(conversation, store, carrier)
    await post.accept(account, update_id, person, raw_update)   # durable when it returns: then confirm to the platform
    async with post:                                            # what a dead process left is taken up
        ...                                                     # at the end what is in hand is finished

Each person's updates are handled one at a time in the order of their arrival, by `Conversation.take`, which commits
answer, reply, the update's end and the parts to be sent in one transaction. Then the parts leave, one at a time and in
order for each person, through `Carrier.send`, until they are sent or refused. Nobody waits for anybody else.
"""

from .carrier import Carrier, Screen
from .postbox import Postbox
from .taking import Hook, Talks

__all__ = ["Carrier", "Hook", "Postbox", "Screen", "Talks"]
