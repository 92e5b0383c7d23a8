"""The tree of `zhiku serve`, `zhiku keys`, `zhiku users`, `zhiku audit` and `zhiku store`."""

from __future__ import annotations

import click

from ingest.cli.door import command, flag, group, option


def serving() -> list[click.Command]:
    """All five."""
    everything = flag("--all everything", "On all knowledge bases and the server.", "用于全部知识库及服务器本身。")
    return [
        command(
            "serve",
            "Serve programs over HTTP: OpenAI's API under /v1, knowledge and tasks under /api, MCP at /mcp.",
            "通过 HTTP 为程序提供服务：/v1 为 OpenAI 兼容接口，/api 为知识库与任务，/mcp 为 MCP。",
            "agents.cli.serve:serve",
            option("--host ADDRESS", "Address to listen on [127.0.0.1].", "监听地址 [127.0.0.1]。"),
            option(
                "--port",
                "Port [8503]; 0: a free one.",
                "端口 [8503]；0 表示任取空闲端口。",
                type=click.IntRange(0, 65535),
            ),
            option("--model NAME", "Another model than the configured one.", "使用另一个模型。"),
            flag(
                "--let-everyone-in everyone",
                "Serve without keys where others can reach it.",
                "即使他人可访问且未设密钥也提供服务。",
            ),
        ),
        group(
            "keys",
            "Keys for `zhiku serve`. Once there is one, every request needs one.",
            "`zhiku serve` 的密钥。一旦有了密钥，所有请求都需要密钥。",
            command(
                "add NAME",
                "A new key, printed this once. With --kb, for those knowledge bases only.",
                "新建密钥，只显示这一次。指定 --kb 时仅限这些知识库。",
                "agents.cli.serve:add_key",
                option(
                    "--scope read|write|admin",
                    "The most it may do: read, write (documents), admin (everything) [read].",
                    "最高权限：read（读）、write（写文档）、admin（全部）[read]。",
                    default="read",
                ),
                option(
                    "--user NAME",
                    "Whose it is: it may do no more than that user.",
                    "所属用户：权限不超过该用户。",
                    default="",
                ),
                option(
                    "--days",
                    "How long it is valid [for ever].",
                    "有效天数 [永久]。",
                    type=click.FloatRange(0, 36_500, min_open=True),
                ),
                option(
                    "--origin ORIGIN",
                    "For the widget in web pages from there, such as https://shop.example; again for more.",
                    "用于该来源网页中的小组件，如 https://shop.example；可多次给出。",
                    multiple=True,
                ),
                option(
                    "--webhook URL",
                    "Where the widget hands a visitor over to a person.",
                    "小组件转人工时通知的地址。",
                    default="",
                ),
            ),
            command("list", "The keys, never their text.", "列出密钥（不含其内容）。", "agents.cli.serve:list_keys"),
            command("revoke KEY", "From now on it opens nothing.", "立即撤销密钥。", "agents.cli.serve:revoke_key"),
        ),
        group(
            "users",
            "People, and their roles per knowledge base.",
            "用户及其在各知识库中的角色。",
            command("list", "Everybody with their roles.", "列出用户及其角色。", "agents.cli.serve:list_users"),
            command("add NAME", "A new user, without any role.", "新建用户（无角色）。", "agents.cli.serve:add_user"),
            command(
                "remove NAME",
                "Delete a user with roles and keys.",
                "删除用户及其角色和密钥。",
                "agents.cli.serve:remove_user",
            ),
            command(
                "password NAME",
                "Let a user sign in to `zhiku app` with a password, asked for or read from standard input.",
                "为用户设置登录 `zhiku app` 的密码（提示输入，或从标准输入读取）。",
                "agents.cli.serve:set_password",
                flag("--none", "Take it away.", "取消密码。"),
            ),
            command("join NAME @GROUP", "Put a user into a @group.", "将用户加入 @组。", "agents.cli.serve:join"),
            command("leave NAME @GROUP", "Take a user out of a @group.", "将用户移出 @组。", "agents.cli.serve:leave"),
            command(
                "grant NAME",
                "Give a user or a @group a role on the knowledge base of --kb: reader, editor, owner; or none.",
                "授予用户或 @组 在 --kb 指定知识库的角色：reader（读者）、editor（编辑）、owner（所有者）；none 表示收回。",
                "agents.cli.serve:grant",
                click.Argument(["role"], type=click.Choice(["reader", "editor", "owner", "none"])),
                everything,
            ),
        ),
        command(
            "audit",
            "Who did what when to which knowledge base over HTTP; with --kb, to that one.",
            "谁在何时通过 HTTP 对哪个知识库做了什么；指定 --kb 时仅限该知识库。",
            "agents.cli.serve:audit",
            option("--since TIME", "A day or a moment, ISO 8601.", "起始日期或时间（ISO 8601）。", default=""),
            option("--who NAME", "A user, or a key that belongs to nobody.", "用户名或无主密钥名。", default=""),
            option(
                "--most",
                "Only the latest N [100]; -1: all.",
                "仅最近 N 条 [100]；-1 表示全部。",
                type=click.IntRange(-1),
                default=100,
            ),
        ),
        group(
            "store",
            "Where everything is kept: files, or a database server.",
            "数据存放位置：文件或数据库服务器。",
            command(
                "migrate TARGET",
                "Bring everything to postgresql://USER@HOST/DATABASE, or back into files; compared before it is in force.",
                "将全部数据迁移到 postgresql://用户@主机/数据库，或迁回文件（files）；核对无误后才生效。",
                "agents.cli.store:migrate",
            ),
        ),
    ]
