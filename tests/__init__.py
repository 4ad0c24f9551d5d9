"""Mirrors the four folders: knowledge, data, commands and bot."""
