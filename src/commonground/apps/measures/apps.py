from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "commonground.apps.measures"
    label = "measures"

    def ready(self) -> None:
        """Count whenever intake writes, and take the state's public tables in."""
        from commonground.apps.intake.effects import follow
        from commonground.apps.measures.arrivals import Borders, PublicTables, Rosters

        for follower in (Rosters(), PublicTables(), Borders()):
            follow(follower)
