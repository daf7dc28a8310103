"""Money: paying an order, the wallet, earnings, payouts and invoices."""
