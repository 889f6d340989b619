"""Maps as pure functions: arrays and engine values in, PNG bytes and pydeck objects out.

Knows no Streamlit and no session: everything here can be called, tested and looked at without a browser. Longitude
before latitude, as pydeck and GeoJSON want it, exists only inside this folder and in `engine.export`.
"""
