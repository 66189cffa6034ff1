"""The cases of `spec/`, run against every engine. See `spec/README.md` for what a case may say.

`documents` reads the files, `cases` makes cases of them, `worlds` brings a case's profiles in through the door, `engines` and `doors` are the registries,
`test_cases` runs, `test_the_cases` looks after the cases themselves. To add an engine, add one entry in `engines.py`.
"""
