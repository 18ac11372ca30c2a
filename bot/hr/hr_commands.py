"""`xueshi hr`: invite, list, revoke."""

from __future__ import annotations

from argparse import Namespace

from bot.hr.accounts import CODE_LASTS, Accounts
from storage import Store


async def invite(options: Namespace, store: Store, public_url: str) -> int:
    """Print a one-time code for `options.name` in `options.role`.

    Raises: ValueError.
    """
    code = await Accounts(store).invite(options.name, options.role)
    print(code)
    print(f"{options.name} 打开 {public_url}/hr 输入，{CODE_LASTS.days} 天内有效，只能用一次。")
    return 0


async def everybody(options: Namespace, store: Store, public_url: str) -> int:
    """Print who was invited: number, name, role, since when, and whether revoked."""
    for account in await Accounts(store).everybody():
        state = "已停用" if account.revoked else "可用"
        print(f"{account.id}\t{account.name}\t{account.role}\t{account.created:%Y-%m-%d}\t{state}")
    return 0


async def revoke(options: Namespace, store: Store, public_url: str) -> int:
    """Shut the account of `options.who`, a number or a name; 1 where there is none that is open."""
    accounts = Accounts(store)
    for account in await accounts.everybody():
        if options.who in (str(account.id), account.name) and await accounts.revoke(account.id):
            print(f"已停用 {account.name}")
            return 0
    print(f"没有可停用的“{options.who}”")
    return 1


ACTS = {"invite": invite, "list": everybody, "revoke": revoke}
