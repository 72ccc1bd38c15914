"""What every page is made of: base pages, components, charts, theme, icons, languages."""
