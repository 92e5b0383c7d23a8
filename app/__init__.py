"""The Streamlit application: pages that draw, no logic."""
