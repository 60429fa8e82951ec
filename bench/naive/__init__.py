"""What the service is measured beside: the least that a Django view can do, and what a tutorial would do."""
