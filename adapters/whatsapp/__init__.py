"""Adapter for WhatsApp: Meta's webhooks in, the Graph API out."""
