"""How days and numbers are written on the staff site: one way in every language, so that none is misread.

A record in which 7.5 is now "7.5" and now "7,5", or 03/04 a day in March or in April, is no record.
"""
