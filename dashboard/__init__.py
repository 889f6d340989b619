"""The dashboard: Streamlit pages over the engine; maps are pure, services cache, state names the session keys."""
