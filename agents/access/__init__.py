"""Who may do what: people, their roles, keys, one policy, and the trail of what was done.

rights   what one caller may do; pure
keys     a key as lists show it
people   users, roles and keys, kept in the home; of a key only its hash
tables   where they are kept
accounts passwords, and who has signed in with one
policy   the one place that is asked, for every face
views    a platform as one caller may use it, for faces that are handed objects
audit    who did what when to which knowledge base
"""
