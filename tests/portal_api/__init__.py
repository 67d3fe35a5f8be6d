"""Tests: portal_api"""
