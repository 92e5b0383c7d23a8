"""Backup and restore: one version-stamped ZIP file with the catalog, conversations, runs, uploads and settings.

    contents     what a home holds that a backup keeps, and the names an archive may have
    secrets      what a backup leaves out of settings, addresses and MCP servers
    saving       home → archive: snapshots, looked through before the archive gets its name
    unpacking    archive → a folder of ours: names, sizes, what no archive of ours has
    inspecting   is a database what its version says, to the last table
    choosing     which settings and embedders of somebody's archive are taken, and which are left
    replacing    a database in place of another in one transaction that every process sees
    restoring    all of it, with a journal that the next start finishes

The vector index is not in an archive: it is built from the catalog.
"""

from ingest.archive.restoring import Restored, finish, restore
from ingest.archive.saving import backup

__all__ = ["Restored", "backup", "finish", "restore"]
