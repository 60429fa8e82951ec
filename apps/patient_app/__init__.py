"""The patient's app, served below ``/app/``: static modules on the diary API. This room is still empty."""
