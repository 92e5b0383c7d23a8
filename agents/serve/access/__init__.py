"""Who may do what: people, their roles, keys, one policy, and the trail of what was done.

rights   what one caller may do; pure
people   users, roles and keys, kept in the home; of a key only its hash
policy   the one place that is asked, for every face
audit    who did what when to which knowledge base
"""
