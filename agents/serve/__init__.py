"""`zhiku serve`: the library and its answers over HTTP, for programs that speak OpenAI's API and for our own.

application   the parts put together
guard         what is asked of every request before anything looks at it: host, key, rate, size, how many at once
body          a request's body, cut off where it is too long or too slow
access        who may do what
problems      errors as RFC 9457 has them, in the asker's language
visit         one request of one caller: what endpoints are given
waiting       work in threads, stopped when the client goes away; events as they come
openai        /v1: models, chat completions, embeddings
api           /api: knowledge bases, documents, jobs, search, answers, tasks, conversations
jobs, tasks   what goes on while nobody waits: files being added, tasks being carried out
widget        a chat for visitors of other people's pages
listening     where it listens, and uvicorn
"""
