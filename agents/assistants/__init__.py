"""Assistants: who answers, from what, how; made by people for people.

assistant   what one consists of, and what is allowed in it
store       kept in the home, every version of it
transfer    one as a file, and back
"""
