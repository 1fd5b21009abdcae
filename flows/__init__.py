"""When: Prefect flows, and nothing but Prefect."""
