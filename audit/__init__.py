"""What happened, so that nobody can rewrite it unseen and anyone can check it.

Needs the standard library and `cryptography`, nothing else of Sluss: the folder can be copied out
alone and still verify an export (`python -m audit verify EXPORT --key PUBKEY`).
"""
