"""The template, validated and built."""
