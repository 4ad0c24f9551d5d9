"""Answers as words, tables, files and pictures, for every face alike."""
