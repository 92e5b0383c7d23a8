"""Users, their roles, and keys: for who administers the server."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from agents.access.people import User
from agents.access.policy import NotFound
from agents.serve.api.forms import NAME, KeyForm, Membership, Naming, Password, RoleForm
from agents.serve.visit import Here, plain
from ingest.errors import UsageError


def _administers(visit: Here) -> None:
    visit.require("admin")


router = APIRouter(prefix="/api", tags=["Users and keys"], dependencies=[Depends(_administers)])
UserName = Annotated[str, Path(min_length=1, max_length=NAME, description="Of a user, or of a group with its @.")]


@router.get("/users")
def list_users(visit: Here) -> list[User]:
    """Everybody with their roles and groups, by name."""
    return visit.desk.policy.people.users()


@router.post("/users", status_code=201)
def add_user(visit: Here, form: Naming) -> User:
    """A new one, who may do nothing yet."""
    visit.desk.policy.people.add_user(form.name)
    return _user(visit, " ".join(form.name.split()))


@router.delete("/users/{name}", status_code=204)
def remove_user(visit: Here, name: UserName) -> None:
    """With roles; their keys are revoked."""
    _user(visit, name)
    visit.desk.policy.people.remove_user(name)


@router.put("/users/{name}/roles", status_code=204)
def set_role(visit: Here, name: UserName, form: RoleForm) -> None:
    """Of a user or a group on a knowledge base, `*` for all and the server; null takes it away."""
    visit.desk.policy.people.grant(name, form.role, form.kb)


@router.put("/users/{name}/groups", status_code=204)
def set_membership(visit: Here, name: UserName, form: Membership) -> None:
    """Put a user into a group, or take them out."""
    visit.desk.policy.people.join(name, form.group, leave=not form.member)


@router.put("/users/{name}/password", status_code=204)
def set_password(visit: Here, name: UserName, form: Password) -> None:
    """What they sign in to the application with; null takes it away."""
    visit.desk.policy.people.set_password(name, form.password)


@router.get("/keys")
def list_keys(visit: Here) -> list[dict[str, Any]]:
    """The latest first; never their text, which nobody has."""
    return [{**plain(key), "valid": key.valid} for key in visit.desk.policy.people.keys()]  # noqa: SIM118 - no dict


@router.post("/keys", status_code=201)
def add_key(visit: Here, form: KeyForm) -> dict[str, Any]:
    """A new one; `key` is its text, told this once."""
    key, text = visit.desk.policy.people.add_key(form.name, **form.model_dump(exclude={"name"}))
    return {**plain(key), "valid": key.valid, "key": text}


@router.delete("/keys/{key}", status_code=204)
def revoke_key(visit: Here, key: Annotated[str, Path(min_length=1, max_length=NAME)]) -> None:
    """By its id. It opens nothing from the next request on."""
    try:
        visit.desk.policy.people.revoke(key)
    except UsageError as error:
        raise NotFound(error.message, error.hint) from error


def _user(visit: Here, name: str) -> User:
    """Raises `NotFound`."""
    people = visit.desk.policy.people
    if found := next((user for user in people.users() if user.name == name), None):
        return found
    raise NotFound(people.no_user(name).message)
