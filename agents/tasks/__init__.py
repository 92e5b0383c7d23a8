"""The agent loop: a task is planned, carried out call by call, revised, and written up with its proof.

Code owns plan, budgets and the end; the model is asked narrow questions. A run is saved before every event and can
be resumed after a crash; it never ends without saying how.
"""
