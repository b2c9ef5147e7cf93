"""Segments: people described by conditions instead of names. Pure: a rule is a tree, checked, said in words, and matched against facts.

What a condition means is written twice, here for one person and in campaigns/selectors/matching.py for the database; a property
test holds the two together. A field says where its values come from (`Source`), so that fields a manager defines can be added.
"""
