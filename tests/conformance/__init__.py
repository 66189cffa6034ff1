"""The cases of `spec/`, run against every engine. See `spec/README.md` for what a case may say.

`documents` reads the files, `cases` makes cases of them, `worlds` reads a case's profiles,
`engines` and `inputs` are the registries, `test_cases` runs the cases, `test_the_cases` checks the
cases themselves. To add an engine, add one entry in `engines.py`.
"""
