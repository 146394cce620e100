"""How the guide reads what people ask and says what the tools found, by rules: one reader per topic, words as data."""
