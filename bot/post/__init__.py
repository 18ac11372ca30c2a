"""The post office: updates are kept before they are confirmed, replies and notices until it is known what became of them.

    post = Postbox(conversation, store, carrier)
    await post.accept(account, update_id, person, raw_update)   # durable when it returns: then confirm to the platform
    async with post:                                            # what a dead process left is taken up
        ...                                                     # at the end what is in hand is finished

Each person's updates are handled one at a time in the order of their arrival, by `Conversation.take`, which commits
answer, reply, the update's end and the parts to be sent in one transaction. Then the parts leave, one at a time and in
order for each person, through `Provider.send`, until they are sent or refused. Nobody waits for anybody else. Notices of
campaigns are letters of the same outbox, sent by the same loop in a process of their own (`bot.post.worker`).
"""

from .carrier import Carrier, Screen
from .postbox import Postbox

__all__ = ["Carrier", "Postbox", "Screen"]
