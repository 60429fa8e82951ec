"""The patient's app, served below ``/app/``: static modules on the diary API, and a page that loads them."""
