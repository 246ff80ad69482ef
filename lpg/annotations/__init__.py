"""Other people's formats: a reader for each layout, and the step from annotations to files of ours."""
