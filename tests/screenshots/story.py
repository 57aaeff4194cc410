"""Who and what the pictures show: names that more than one module needs."""

ADMIN, COLLEAGUES = "maya@shop.example", ("jonas@shop.example", "ines@shop.example")
ZONE = "Europe/Berlin"
IMPORT, CONNECTION = "Customers, daily", "Production shop"
ACCOUNT, STAGING, SUMMER = "Shop, production", "Staging shop", "Summer campaign"
